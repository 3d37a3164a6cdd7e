import gradio as gr


def vowels(text):
    return {letter: text.lower().count(letter) for letter in "aeiou"}


demo = gr.Interface(fn=vowels, inputs="text", outputs="json", title="Vowel counter")
