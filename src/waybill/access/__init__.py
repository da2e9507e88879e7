"""Who may do what in the service: accounts of people with roles, invitations, a directory that knows their passwords;
tokens of agents with scopes, sources and an end, and what each agent has sent; views that people keep."""
