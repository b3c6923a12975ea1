"""The agents: one role each; a typed value in, one prompt, a typed value out."""
