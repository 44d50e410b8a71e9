"""The exam bank and the quizzes."""
