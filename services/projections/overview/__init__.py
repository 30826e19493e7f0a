"""Where authority sits, where it is moving, what needs a conversation: a period and the one before."""
