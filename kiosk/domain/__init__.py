"""The decision core: pure values and state machines. No clock, no thread, no file, no device."""
