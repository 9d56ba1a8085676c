"""A relay behind Modbus."""
