using System.Collections.Immutable;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Admin.Transport;
using FastTcpProxy.Daemon.CommandLine;
using FastTcpProxy.Daemon.OperationalLog;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Transport;
using Microsoft.Extensions.Logging;
using static FastTcpProxy.Daemon.TakeOver.TakeOverNative;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// The running process's side of a take-over: waits on a UNIX socket of its own for the process that is to follow, gives it the listening sockets, and
/// lets go of them when that one says that it serves. One client after the other, each within a bound; a client that fails
/// changes nothing. It has a thread of its own, which blocks, and owns it and the socket. Made and disposed by one task.
/// </summary>
internal sealed class TakeOverServer : IDisposable
{
    /// <summary>Whoever gets the listeners gets the clients: this user only.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>"I serve", from the new process; the old one answers with the same when it has let go.</summary>
    public const byte Serving = 1;

    private readonly AdminSocket _socket;
    private readonly IHandOver _from;
    private readonly ILogger _log;
    private readonly TakeOverLimits _limits;
    private readonly int _stop;
    private readonly Thread _thread;

    private TakeOverServer(AdminSocket socket, int stop, IHandOver from, ILogger log, TakeOverLimits limits)
    {
        _socket = socket;
        _stop = stop;
        _from = from;
        _log = log;
        _limits = limits;
        _thread = new Thread(Run) { IsBackground = true, Name = "take-over" };
    }

    /// <summary>The path beside the administrative socket.</summary>
    public static string PathFor(string adminSocket) => adminSocket + ".take-over";

    /// <summary>Takes the path, and that of a dead process too, and begins to wait.</summary>
    /// <param name="path">Absolute, at most <see cref="TakeOverLimits.PathBytesMax"/> bytes.</param>
    /// <exception cref="BindException">The path cannot be had; the message says why, and what to do.</exception>
    public static TakeOverServer Start(string path, IHandOver from, ILogger log, TakeOverLimits? limits = null)
    {
        int stop = NewEvent();
        if (stop < 0) throw new BindException($"take-over {path}: no descriptor is left (errno {LastError})");
        try
        {
            AdminSocket socket = AdminSocket.Bind(path, Mode, "take-over");
            // An accept after the wait must never wait itself.
            socket.Socket.Blocking = false;
            TakeOverServer server = new(socket, stop, from, log, limits ?? TakeOverLimits.Default);
            server._thread.Start();
            return server;
        }
        catch
        {
            Close(stop);
            throw;
        }
    }

    /// <summary>Sends away who is being served, removes the file, and waits for the thread, which is at once.</summary>
    public void Dispose()
    {
        Raise(_stop);
        _thread.Join();
        _socket.Dispose();
        Close(_stop);
    }

    private void Run()
    {
        while (Wait((int)_socket.Socket.Handle, Timeout.Infinite))
        {
            Socket client;
            try
            {
                client = _socket.Socket.Accept();
            }
            catch (SocketException e)
            {
                Events.TakeOverFailed(_log, 0, e.Message);
                if (!Wait(-1, (int)TakeOverLimits.FailurePause.TotalMilliseconds)) return;
                continue;
            }
            using DescriptorChannel channel = new(client, _stop);
            if (Serve(channel)) return;
        }
    }

    /// <summary>Whether the listeners were handed over: then this server has ended.</summary>
    private bool Serve(DescriptorChannel channel)
    {
        PeerCredentials peer = channel.Peer;
        if (peer.Uid != 0 && peer.Uid != EffectiveUser)
        {
            Events.TakeOverRefused(_log, peer.Pid, peer.Uid, EffectiveUser);
            return false;
        }
        try
        {
            Events.TakeOverBegins(_log, peer.Pid);
            using (HandOverOffer offer = _from.Offer()) Send(channel, offer);
            if (channel.ReceiveByte(TimeBound.After(_limits.StartTime)) != Serving)
                throw new TakeOverException("it ended before it served");
            // If this process was held, the next one has stopped waiting, and somebody must serve.
            if (channel.HasEnded) throw new TakeOverException("it served and ended while this process was held");
            _from.Release(peer.Pid);
            // Before the answer: the next process takes the path then.
            _socket.Dispose();
            channel.SendByte(Serving, TimeBound.After(_limits.TransferTime));
            return true;
        }
        catch (TakeOverException e)
        {
            Events.TakeOverFailed(_log, peer.Pid, e.Message);
        }
        catch (Exception e)
        {
            Events.TakeOverFault(_log, peer.Pid, e);
        }
        _from.Withdraw();
        return false;
    }

    private void Send(DescriptorChannel channel, HandOverOffer offer)
    {
        TakeOverDocument document = new(
            TakeOverDocument.Current, ProgramCommand.Version, Environment.ProcessId, Announce(offer.Listeners), Announce(offer.Admin));
        TimeBound bound = TimeBound.After(_limits.TransferTime);
        channel.SendDocument(document.ToBytes(), bound);
        channel.SendDescriptors([.. offer.Listeners.Concat(offer.Admin).SelectMany(l => l.Descriptors)], bound);
    }

    private static ImmutableArray<TakeOverListener> Announce(ImmutableArray<ListenerDescriptors> listeners) =>
        [.. listeners.Where(l => !l.Descriptors.IsEmpty).Select(l => new TakeOverListener(l.Address, l.Descriptors.Length, l.KeepsFile))];

    /// <summary>Waits until somebody connects, or for a time; false when the end was asked for.</summary>
    private unsafe bool Wait(int fd, int timeoutMs)
    {
        PollFd* polled = stackalloc PollFd[2];
        polled[0] = new PollFd { Fd = fd, Events = PollIn };
        polled[1] = new PollFd { Fd = _stop, Events = PollIn };
        while (poll(polled, 2, timeoutMs) < 0)
        {
            // Interrupted by a signal of the runtime.
        }
        return polled[1].Revents == 0;
    }
}
