"""What was said, kept for the Messages page where an account wants that."""
