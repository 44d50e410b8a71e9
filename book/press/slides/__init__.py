"""The slides of each chapter, made from its lessons, so that they agree with the lessons; no text is written for slides alone.

markup     Markdown as the HTML of a slide
content    what a lesson offers for slides: its question, pictures, devices, quiz, takeaways
deck       which of these a chapter shows
writing    the files: slides/NN_name.html in a built book
"""
