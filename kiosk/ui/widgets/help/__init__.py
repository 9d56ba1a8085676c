"""The help button and its panel."""
