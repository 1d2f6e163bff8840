"""Campaigns that collect the figures of plans, and their reminders."""
