"""What one config entry owns: its login, contacts and phones, and what is known of them."""
