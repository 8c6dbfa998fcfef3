"""Image -> ink mask -> contours -> candidate regions."""
