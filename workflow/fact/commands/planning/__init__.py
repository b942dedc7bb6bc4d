"""What a run will take: its jobs, their hours and their disk, from rates measured before."""
