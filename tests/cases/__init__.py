"""Inputs that people really type, through actions, dialogs and triggers alone."""
