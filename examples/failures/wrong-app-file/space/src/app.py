import codecs

import gradio as gr


def rot13(text):
    return codecs.encode(text, "rot13")


demo = gr.Interface(fn=rot13, inputs="text", outputs="text", title="Rot13")

if __name__ == "__main__":
    demo.launch()
