"""The exam bank, and the quizzes of the lessons."""
