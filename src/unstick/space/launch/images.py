"""Base images by what they start themselves."""

from __future__ import annotations

IDLE_IMAGES = (
    "python",
    "node",
    "ubuntu",
    "debian",
    "alpine",
    "continuumio/miniconda3",
    "continuumio/anaconda3",
    "nvidia/cuda",
    "pytorch/pytorch",
    "tensorflow/tensorflow",
    "golang",
    "rust",
    "openjdk",
    "eclipse-temurin",
    "maven",
    "gradle",
    "ruby",
    "perl",
    "oven/bun",
    "busybox",
    "amazoncorretto",
    "centos",
    "fedora",
    "rockylinux",
    "mambaorg/micromamba",
    "condaforge/mambaforge",
    "condaforge/miniforge3",
    "mcr.microsoft.com/playwright",
    "mcr.microsoft.com/playwright/python",
    "ghcr.io/astral-sh/uv",
    "tiangolo/uvicorn-gunicorn",
    "selenium/standalone-chrome",
)
"""Images whose own command is an interpreter's prompt or a shell: in a container it ends at once."""

ENTRYPOINTS: dict[str, tuple[str, ...]] = {
    "ollama/ollama": ("ollama",),
    "vllm/vllm-openai": ("vllm", "serve"),
    "ghcr.io/huggingface/text-generation-inference": ("text-generation-launcher",),
    "ghcr.io/huggingface/text-embeddings-inference": ("text-embeddings-router",),
    "ghcr.io/ggml-org/llama.cpp": ("llama-server",),
    "ghcr.io/ggerganov/llama.cpp": ("llama-server",),
    "codercom/code-server": ("code-server",),
    "qdrant/qdrant": ("qdrant",),
}
"""ENTRYPOINT of images to which a CMD only adds arguments."""

VARIABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "ollama/ollama": (("OLLAMA_HOST", "0.0.0.0:11434"),),
    "ghcr.io/huggingface/text-generation-inference": (("PORT", "80"),),
    "ghcr.io/huggingface/text-embeddings-inference": (("PORT", "80"),),
}
"""ENV of images that decides where their server listens."""

SERVER_IMAGES: dict[str, tuple[str, int]] = {
    "nginx": ("nginx", 80),
    "nginxinc/nginx-unprivileged": ("nginx", 8080),
    "caddy": ("caddy", 80),
    "httpd": ("apache", 80),
    "ollama/ollama": ("ollama", 11434),
    "traefik": ("traefik", 80),
    "rocker/shiny": ("shiny-server", 3838),
    "rocker/shiny-verse": ("shiny-server", 3838),
    "rocker/rstudio": ("rstudio", 8787),
    "jupyter/base-notebook": ("jupyter", 8888),
    "jupyter/scipy-notebook": ("jupyter", 8888),
    "n8nio/n8n": ("n8n", 5678),
    "docker.n8n.io/n8nio/n8n": ("n8n", 5678),
    "ghcr.io/open-webui/open-webui": ("open-webui", 8080),
    "louislam/uptime-kuma": ("uptime-kuma", 3001),
    "ghcr.io/huggingface/text-generation-inference": ("tgi", 80),
    "vllm/vllm-openai": ("vllm", 8000),
    "langflowai/langflow": ("langflow", 7860),
    "codercom/code-server": ("code-server", 8080),
    "metabase/metabase": ("metabase", 3000),
    "grafana/grafana": ("grafana", 3000),
    "redis": ("redis", 6379),
    "postgres": ("postgres", 5432),
}
"""Images whose own command serves HTTP (or something else), and on which port."""
