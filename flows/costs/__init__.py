"""What a run costs on several hosts: its steps with the seconds that the store holds, and a simulation of their order."""
