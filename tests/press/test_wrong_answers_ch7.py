"""Chapter 7: each wrong answer that a student may give is rejected, with a hint that fits it."""

from wrong_answers import both_tests, changed

CHAPTER = "07_past_the_textbook"


# Exercise 1


# Exercise 2


# Exercise 3


# Exercise 4


# Exercise 5


# Tests
