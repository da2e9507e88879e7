"""Changes of the tables of playbook runs, in order."""
