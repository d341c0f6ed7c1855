using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Connections;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Engine.Outcomes;
using Microsoft.Extensions.Logging;
using BindException = FastTcpProxy.Engine.Transport.BindException;
using SocketPermissions = FastTcpProxy.Engine.Transport.SocketPermissions;
using static FastTcpProxy.Engine.Transport.Linux.SocketConstants;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>
/// The listening sockets of the administrative interface, bound, and the token and certificate for clients over TCP. Made by one task; the
/// server that it is given to owns it.
/// </summary>
internal sealed class AdminSockets : IDisposable
{
    private readonly ImmutableArray<Socket> _tcp;
    private readonly AdminToken? _token;
    private readonly SslStreamCertificateContext? _certificate;

    // Its socket is replaced, and left or closed, under it.
    private readonly Lock _gate = new();
    private AdminSocket? _unix;
    private bool _over;

    private AdminSockets(AdminSocket? unix, ImmutableArray<Socket> tcp, AdminToken? token, SslStreamCertificateContext? certificate)
    {
        _unix = unix;
        _tcp = tcp;
        _token = token;
        _certificate = certificate;
    }

    /// <summary>The one of now; null: there is none.</summary>
    public AdminSocket? Unix => Volatile.Read(ref _unix);

    /// <summary>Where TCP clients can connect.</summary>
    public ImmutableArray<IPEndPoint> TcpEndPoints => [.. _tcp.Select(s => (IPEndPoint)s.LocalEndPoint!)];

    /// <summary>One UNIX socket and nothing else.</summary>
    public static AdminSockets On(AdminSocket unix) => new(unix, [], null, null);

    /// <summary>What a configuration asks for. Reads the token and the certificate.</summary>
    /// <param name="adopted">A socket that listens at the configured path already, in place of one that is bound there; it and its file are
    /// left as they are when this fails. Null: none.</param>
    /// <exception cref="BindException">An address or a file cannot be had; the message says why, and what to do.</exception>
    public static AdminSockets Bind(AdminConfiguration configuration, AdminSocket? adopted = null)
    {
        AdminSocket? unix = adopted;
        List<Socket> tcp = [];
        try
        {
            AdminToken? token = configuration.Listen.IsEmpty ? null : ReadToken(configuration);
            SslStreamCertificateContext? certificate = configuration.Listen.IsEmpty ? null : ReadCertificate(configuration);
            foreach (ConfiguredListenAddress address in configuration.Listen) tcp.Add(BindTcp(address));
            // Last: until here the previous process continues with its socket as it is.
            if (configuration.Socket is { } path)
            {
                SocketPermissions permissions = AdminSocket.PermissionsOf(configuration);
                unix?.Open(permissions);
                unix ??= AdminSocket.Bind(path, permissions);
            }
            return new AdminSockets(unix, [.. tcp], token, certificate);
        }
        catch
        {
            // The previous process continues with it.
            adopted?.Leave();
            unix?.Dispose();
            foreach (Socket socket in tcp) socket.Dispose();
            throw;
        }
    }

    /// <summary>Each socket with what holds for it.</summary>
    public ImmutableArray<AdminEntry> Entries(AdminLimits limits, ILogger log, TimeProvider time)
    {
        ImmutableArray<AdminEntry>.Builder entries = ImmutableArray.CreateBuilder<AdminEntry>();
        if (Unix is { } unix)
        {
            UserNames users = new();
            entries.Add(new AdminEntry(new UnixDomainSocketEndPoint(unix.Path), () => Unix!.Socket, CloseUnix, AccessRules.Unix,
                socket => PeerCredentials.Read(socket)?.ToCaller(users)
                ?? new Caller("unknown", "unix")) { Slots = new ConnectionSlots(limits.Connections, log, time) });
        }
        if (_tcp.IsEmpty) return entries.ToImmutable();
        AccessRules access = AccessRules.Tcp(_token!, _certificate?.TargetCertificate, log, time);
        ConnectionSlots slots = new(limits.TcpConnections, log, time);
        foreach (Socket socket in _tcp)
        {
            entries.Add(new AdminEntry(socket.LocalEndPoint!, () => socket, socket.Dispose, access, IdentifyTcp)
            {
                Tls = _certificate is null ? null : TlsOptions(_certificate),
                HandshakeTime = limits.HandshakeTime,
                Slots = slots,
            });
        }
        return entries.ToImmutable();
    }

    /// <summary>
    /// Binds the UNIX socket again where its file is gone or not its own any more; the one before is closed, and connections that were
    /// accepted from it continue. Any thread but a loop.
    /// </summary>
    /// <returns>The path; null: there was nothing to do.</returns>
    /// <exception cref="BindException">It cannot be bound again; the message says why, and what to do. The next call tries
    /// again.</exception>
    public string? Restore()
    {
        lock (_gate)
        {
            if (_over || _unix is not { HasFile: false } lost) return null;
            // The accept that is under way finds the new one when the one before is closed.
            Volatile.Write(ref _unix, AdminSocket.Bind(lost.Path, lost.Permissions));
            lost.Leave();
            return lost.Path;
        }
    }

    /// <summary>Leaves the UNIX socket, its queue and its file to the process that continues with it.</summary>
    /// <param name="adoptedOnly">One that was bound here stays, and is closed with the others.</param>
    public void Leave(bool adoptedOnly = false)
    {
        lock (_gate)
        {
            _over = true;
            if (_unix is { } unix && (unix.IsAdopted || !adoptedOnly)) unix.Leave();
        }
    }

    public void Dispose()
    {
        CloseUnix();
        foreach (Socket socket in _tcp) socket.Dispose();
    }

    private void CloseUnix()
    {
        lock (_gate)
        {
            _over = true;
            _unix?.Dispose();
        }
    }

    /// <summary>The token is one for all, so its holder is known by the address only.</summary>
    private static Caller IdentifyTcp(Socket socket)
    {
        try
        {
            // An answer is written at once and whole.
            socket.NoDelay = true;
            IPEndPoint peer = (IPEndPoint)socket.RemoteEndPoint!;
            if (peer.Address.IsIPv4MappedToIPv6) peer = new IPEndPoint(peer.Address.MapToIPv4(), peer.Port);
            return new Caller($"{Caller.TokenPrefix}{peer}", $"tcp {peer}");
        }
        catch (SocketException)
        {
            // The client has gone.
            return new Caller($"{Caller.TokenPrefix}unknown", "tcp");
        }
    }

    private static SslServerAuthenticationOptions TlsOptions(SslStreamCertificateContext certificate) => new()
    {
        ServerCertificateContext = certificate,
        EnabledSslProtocols = TlsRules.Protocols,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        AllowRenegotiation = false,
    };

    private static AdminToken ReadToken(AdminConfiguration configuration) =>
        AdminTokenFile.TryRead(configuration.TokenFile!, out string? token, out string? why)
            ? new AdminToken(token)
            : throw new BindException($"admin.tokenFile {configuration.TokenFile}: {why}");

    private static SslStreamCertificateContext? ReadCertificate(AdminConfiguration configuration)
    {
        if (configuration.CertificateFile is not { } path) return null;
        try
        {
            return CertificateFiles.Shared.Identity(path, configuration.KeyFile);
        }
        catch (CertificateFileException e)
        {
            throw new BindException(
                $"admin.certFile: {e.Message}; expected a PEM file with a certificate, and its key there or in admin.keyFile", e);
        }
    }

    private static Socket BindTcp(ConfiguredListenAddress address)
    {
        IPEndPoint endPoint = address.EndPoint!;
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = address.DualStack;
            // The next process binds it while this one still serves: a take-over has no moment without.
            socket.SetRawSocketOption(SolSocket, SoReusePort, BitConverter.GetBytes(1));
            socket.Bind(endPoint);
            socket.Listen(AdminLimits.TcpConnectionsMax);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new BindException($"admin.listen {address.Text}: {BindErrors.Explain(e)}", e);
        }
    }
}
