"""Invitations of a fleet: who may invite, what an invitation says, and who came with one."""
