"""The account on the server: what cloud and private servers answer."""
