using System.Collections.Immutable;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Admin.Transport;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Engine.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FastTcpProxy.Daemon.Admin;

/// <summary>
/// The administrative interface: HTTP/1.1 on a UNIX socket and on TCP, served by Kestrel without the rest of ASP.NET Core (no host, no
/// configuration from files or the environment, no routing). All of it runs on the thread pool and on a timer thread of Kestrel, nothing on
/// the engine's threads. One task starts and disposes it; it owns the sockets.
/// </summary>
internal sealed class AdminServer : IAsyncDisposable
{
    private readonly KestrelServer _server;
    private readonly AdminSockets _sockets;
    private readonly AdminLimits _limits;

    private AdminServer(KestrelServer server, AdminSockets sockets, AdminLimits limits)
    {
        _server = server;
        _sockets = sockets;
        _limits = limits;
    }

    /// <summary>
    /// Takes a UNIX socket at once, and serves it like
    /// <see cref="StartAsync(AdminSockets, ImmutableArray{AdminRoute}, TimeProvider, ILogger, AdminLimits?)"/>.
    /// </summary>
    /// <param name="socketPath">Absolute, at most 107 bytes.</param>
    /// <exception cref="BindException">The socket cannot be had; the message says why, and what to do.</exception>
    public static Task<AdminServer> StartAsync(string socketPath, ImmutableArray<AdminRoute> routes, TimeProvider time, ILogger log,
        AdminLimits? limits = null) =>
        StartAsync(AdminSockets.On(AdminSocket.Bind(socketPath)), routes, time, log, limits);

    /// <summary>
    /// Clients can connect when it returns. They are served when the task completes, which takes a while in a process that
    /// compiles as it goes; nothing else needs to wait for that.
    /// </summary>
    /// <param name="sockets">It owns them, also when it fails.</param>
    /// <param name="routes">What it serves.</param>
    /// <param name="log">Takes what goes wrong, at most one line a second.</param>
    public static Task<AdminServer> StartAsync(AdminSockets sockets, ImmutableArray<AdminRoute> routes, TimeProvider time, ILogger log,
        AdminLimits? limits = null) =>
        Task.Run(async () =>
        {
            try
            {
                AdminLimits within = limits ?? AdminLimits.Default;
                ImmutableArray<AdminEntry> entries = sockets.Entries(within, log, time);
                KestrelServer server = new(Options.Create(ToOptions(entries, within)), new AdminListenerFactory(entries, time),
                    new KestrelLog(log, time));
                await server.StartAsync<HttpContext>(new AdminApplication(routes, log), CancellationToken.None);
                foreach (AdminEntry entry in entries)
                    Events.AdminServing(log, entry.Tls is null ? $"{entry.EndPoint}" : $"{entry.EndPoint} with TLS");
                return new AdminServer(server, sockets, within);
            }
            catch
            {
                sockets.Dispose();
                throw;
            }
        });

    /// <summary>What the next process needs to continue with the interface.</summary>
    public ImmutableArray<ListenerDescriptors> Descriptors => _sockets.Unix is { } unix ? [unix.Descriptors] : [];

    /// <summary>
    /// Takes no more connections on the UNIX socket, and leaves it and its file to the process that continues with it. Dispose must follow.
    /// </summary>
    public void Leave() => _sockets.Leave();

    /// <summary>
    /// Leaves the UNIX socket and its file to the process that they came from; one that was bound here is closed with this server. Dispose
    /// must follow.
    /// </summary>
    public void GiveBack() => _sockets.Leave(adoptedOnly: true);

    /// <summary>Takes no more requests, lets those in progress end for a second, and closes what is left. The file goes first.</summary>
    public async ValueTask DisposeAsync()
    {
        _sockets.Dispose();
        using CancellationTokenSource wait = new(_limits.StopWait);
        await _server.StopAsync(wait.Token);
        _server.Dispose();
    }

    private static KestrelServerOptions ToOptions(ImmutableArray<AdminEntry> entries, AdminLimits within)
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
        foreach (AdminEntry entry in entries) options.Listen(entry.EndPoint, listen => listen.Protocols = HttpProtocols.Http1);
        return options;
    }
}
