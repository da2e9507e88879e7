"""Who may ask the service for what: tokens of agents with scopes, sources and an end, and what each agent has sent."""
