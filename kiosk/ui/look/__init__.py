"""The look of the screen: colours, typefaces, style sheet, and whether a text can be shown."""
