# Two stages: wheels are built where compilers may be needed, and the image that runs holds none.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.txt ./
RUN python -m venv /opt/hub && /opt/hub/bin/pip install --no-cache-dir -r requirements.txt
COPY pyproject.toml README.md ./
COPY semaphore_hub semaphore_hub
COPY connectors connectors
COPY contracts contracts
COPY mock_partners mock_partners
RUN /opt/hub/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /data hub
COPY --from=build /opt/hub /opt/hub
ENV PATH=/opt/hub/bin:$PATH PYTHONUNBUFFERED=1
USER hub
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
ENTRYPOINT ["semaphore-hub"]
CMD ["serve", "--host", "0.0.0.0"]
