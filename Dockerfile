# The workbench in a container: `docker compose up`, or
#   docker build -t gan-workbench . && docker run -p 127.0.0.1:8501:8501 -v gan-workbench:/workspace gan-workbench
FROM python:3.11-slim

RUN useradd --create-home --uid 1000 gan && mkdir /workspace && chown gan:gan /workspace
WORKDIR /app
COPY requirements.txt requirements-cluster.txt ./
RUN pip install --no-cache-dir -r requirements.txt -r requirements-cluster.txt
COPY . .

USER gan
# Everything that is to stay is in the volume; what Keras downloads, too.
ENV GAN_WORKSPACE=/workspace KERAS_HOME=/workspace/keras PYTHONUNBUFFERED=1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 STREAMLIT_BROWSER_SERVER_ADDRESS=localhost
VOLUME /workspace
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", \
  "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "gan_core"]
CMD ["serve", "--headless"]
