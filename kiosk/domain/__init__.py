"""The deciding core: pure values and machines. No clock, no thread, no file, no device."""
