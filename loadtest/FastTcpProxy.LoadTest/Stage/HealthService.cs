using System.Net;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// Answers what the proxies' checks ask, "/a" and "/b": 200, or 503 for an upstream that is ill. Any thread; it owns the listener.
/// </summary>
internal sealed class HealthService : IDisposable
{
    private readonly HttpListener _listener = new();
    private volatile string _ill = "";

    public HealthService(int port)
    {
        Port = port;
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    public int Port { get; }

    /// <summary>The upstream that is ill from now on; null: none.</summary>
    public void SetIll(string? name) => _ill = name is null ? "" : "/" + name;

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                context.Response.StatusCode = context.Request.Url?.AbsolutePath == _ill ? 503 : 200;
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The asker has left, or the run is over.
            }
        }
    }
}
