"""The slides of each lesson, made from it, so that they agree with it; no text is written for slides alone.

markup     Markdown as the HTML of a slide
content    what a lesson offers besides its pictures: its question, its quiz, its takeaways
pictures   its figures, devices, formulas, and programs
headlines  the title of a figure, and the view of it below the title
deck       which of these are shown
writing    the files: slides/NN_chapter/NN_lesson.html, and slides/NN_chapter.html with links to them
"""
