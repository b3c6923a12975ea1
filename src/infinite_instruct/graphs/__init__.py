"""Who works when: the LangGraph state machines, and nothing else."""
