"""The flows of the whitepaper: registration, photo update and withdrawal, each as a saga."""
