using System.Collections.Immutable;
using FastTcpProxy.Daemon.Admin.Transport;
using FastTcpProxy.Daemon.OperationalLog;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FastTcpProxy.Daemon.Admin;

/// <summary>
/// The administrative interface: HTTP/1.1 on a UNIX socket, served by Kestrel without the rest of ASP.NET Core (no host, no configuration from files or
/// the environment, no routing). All of it runs on the thread pool and on a timer thread of Kestrel, nothing on the engine's threads. One task
/// starts and disposes it; it owns the socket.
/// </summary>
internal sealed class AdminServer : IAsyncDisposable
{
    private readonly KestrelServer _server;
    private readonly AdminSocket _socket;
    private readonly AdminLimits _limits;

    private AdminServer(KestrelServer server, AdminSocket socket, AdminLimits limits)
    {
        _server = server;
        _socket = socket;
        _limits = limits;
    }

    /// <summary>
    /// Takes the socket at once: clients can connect when it returns. They are served when the task completes, which takes a while in a process that
    /// compiles as it goes; nothing else needs to wait for that.
    /// </summary>
    /// <param name="socketPath">Absolute, at most 107 bytes.</param>
    /// <param name="routes">What it serves.</param>
    /// <param name="log">Takes what goes wrong, at most one line a second.</param>
    /// <param name="inherited">The socket of the process before, which listens at the path; null to bind one.</param>
    /// <exception cref="BindException">The socket cannot be had; the message says why, and what to do.</exception>
    public static Task<AdminServer> StartAsync(
        string socketPath, ImmutableArray<AdminRoute> routes, TimeProvider time, ILogger log, AdminLimits? limits = null, AdminSocket? inherited = null)
    {
        AdminSocket socket = inherited ?? AdminSocket.Bind(socketPath);
        return Task.Run(async () =>
        {
            try
            {
                AdminLimits within = limits ?? AdminLimits.Default;
                KestrelServer server = new(Options.Create(ToOptions(socketPath, within)), new AdminListenerFactory(socket, time), new KestrelLog(log, time));
                await server.StartAsync<HttpContext>(new AdminApplication(routes, log), CancellationToken.None);
                Events.AdminServing(log, socketPath);
                return new AdminServer(server, socket, within);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        });
    }

    /// <summary>What the next process needs to go on with the interface.</summary>
    public ImmutableArray<ListenerDescriptors> Descriptors => [_socket.Descriptors];

    /// <summary>Takes no more connections, and leaves the socket to the process that goes on with it. Dispose must follow.</summary>
    public void Leave() => _socket.Leave();

    /// <summary>Takes no more requests, lets those in progress end for a second, and closes what is left. The file goes first.</summary>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        using CancellationTokenSource wait = new(_limits.StopWait);
        await _server.StopAsync(wait.Token);
        _server.Dispose();
    }

    private static KestrelServerOptions ToOptions(string socketPath, AdminLimits within)
    {
        KestrelServerOptions options = new() { AddServerHeader = false, AllowSynchronousIO = false };
        KestrelServerLimits limits = options.Limits;
        limits.MaxConcurrentConnections = AdminLimits.ConnectionsMax;
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestBodySize = AdminLimits.BodyBytesMax;
        limits.MaxRequestLineSize = AdminLimits.RequestLineBytesMax;
        limits.MaxRequestHeadersTotalSize = AdminLimits.HeaderBytesMax;
        limits.MaxRequestHeaderCount = AdminLimits.HeadersMax;
        limits.RequestHeadersTimeout = within.HeaderTime;
        limits.KeepAliveTimeout = within.KeepAliveTime;
        limits.MinRequestBodyDataRate = new MinDataRate(AdminLimits.BodyBytesPerSecondMin, AdminLimits.RateGrace);
        limits.MinResponseDataRate = new MinDataRate(AdminLimits.AnswerBytesPerSecondMin, AdminLimits.RateGrace);
        options.ListenUnixSocket(socketPath, listen => listen.Protocols = HttpProtocols.Http1);
        return options;
    }
}
