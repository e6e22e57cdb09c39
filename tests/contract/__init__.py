"""The virtual server held against the recorded answers of a real one."""
