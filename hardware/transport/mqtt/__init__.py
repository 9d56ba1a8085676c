"""MQTT: a connection to a broker that is dialled again and again."""
