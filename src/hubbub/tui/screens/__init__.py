"""Screens: they bring widgets and sessions together, and draw nothing themselves."""
