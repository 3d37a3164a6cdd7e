import gradio as gr


def mirror(text):
    return text[::-1]


with gr.Blocks(title="Text mirror") as demo:
    gr.Markdown("# Text mirror")
    text = gr.Textbox(label="Text")
    result = gr.Textbox(label="Mirrored")
    text.change(mirror, text, result)

demo.launch()
