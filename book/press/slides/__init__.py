"""The slides of each chapter, made of its lessons, so that they say what the lessons say; nothing is written for a slide.

markup     Markdown as the HTML of a slide
content    what a lesson has for slides: its question, pictures, devices, quiz, takeaways
deck       which of them a chapter shows
writing    the files: slides/NN_name.html in a built book
"""
