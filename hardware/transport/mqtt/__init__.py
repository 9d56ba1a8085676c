"""MQTT: a connection to a broker that is re-established whenever it is lost."""
