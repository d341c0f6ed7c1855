using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>How the old process answered "I serve".</summary>
internal enum HandOverAnswer : byte
{
    /// <summary>It has released the listeners, and drains.</summary>
    Released,

    /// <summary>It has exited meanwhile: its listeners are ours too.</summary>
    Gone,

    /// <summary>It no longer listens and still runs, as far as this process can see: its listeners are ours too.</summary>
    Left,

    /// <summary>
    /// It continues: it had waited too long, or its listeners have changed. Two processes serve the same addresses, so this one must exit.
    /// </summary>
    StillServing,

    /// <summary>This process was told to end before the old one had decided.</summary>
    Undecided,
}

/// <summary>
/// The new process's side of a take-over: has the listening sockets of the running process and, later, tells it that it may release them.
/// Each operation blocks, within a bound. One thread at a time; it owns the connection, and the descriptors until they are taken.
/// </summary>
internal sealed class TakeOverClient : IDisposable
{
    /// <summary>How often the old process is polled for its exit, where the kernel does not report it.</summary>
    private static readonly TimeSpan ExitPoll = TimeSpan.FromMilliseconds(20);

    private readonly DescriptorChannel _channel;
    private readonly TakeOverDocument _document;
    private readonly ReceivedDescriptors _descriptors;
    private readonly ReceivedDescriptors _counters;
    private readonly PeerProcess _old;
    private readonly string _path;
    private readonly TakeOverLimits _limits;

    private TakeOverClient(string path, DescriptorChannel channel, PeerProcess old, TakeOverDocument document,
        ReceivedDescriptors descriptors, ReceivedDescriptors counters, TakeOverLimits limits)
    {
        _old = old;
        _channel = channel;
        _document = document;
        _descriptors = descriptors;
        _counters = counters;
        _limits = limits;
        _path = path;
        Listeners = Take(document.Listeners);
        Admin = Take(document.Admin);
    }

    /// <summary>The sockets of the services. The caller owns them from here on.</summary>
    public ImmutableArray<ListenerDescriptors> Listeners { get; }

    /// <summary>Those of the administrative interface.</summary>
    public ImmutableArray<ListenerDescriptors> Admin { get; }

    /// <summary>Takes the memories of the counters, the old process's first: the caller owns them from here on.</summary>
    public ImmutableArray<int> TakeCounters() => _counters.TakeAll();

    /// <summary>What the old process's checks have found out.</summary>
    public ImmutableArray<HealthVerdict> Health => HealthParcel.Unpack(_document.Health);

    /// <summary>Of the old program.</summary>
    public string Version => _document.Version;

    /// <summary>The old process, as it calls itself.</summary>
    public int ProcessId => _document.Pid;

    /// <summary>Asks the process that listens at <paramref name="path"/> for its sockets.</summary>
    /// <param name="path">Where it waits for the next one.</param>
    /// <param name="stop">A descriptor that ends every wait when it is readable; negative for none.</param>
    /// <param name="limits">The default ones when null.</param>
    /// <returns>Null when there is no process: no file, that of a process that is gone, or one that exited before it had passed its
    /// sockets.</returns>
    /// <exception cref="TakeOverException">It does not give them; the message says why. Nothing is left open.</exception>
    public static TakeOverClient? Connect(string path, int stop = -1, TakeOverLimits? limits = null)
    {
        if (Encoding.UTF8.GetByteCount(path) > TakeOverLimits.PathBytesMax)
            throw new TakeOverException($"{path}: a path of {Counted.Of(Encoding.UTF8.GetByteCount(path), "byte")}, "
                + $"expected at most {TakeOverLimits.PathBytesMax}: give admin.socket a shorter one");
        TakeOverLimits within = limits ?? TakeOverLimits.Default;
        TimeBound begins = TimeBound.After(within.TransferTime);
        Socket? socket;
        while ((socket = Open(path)) is null)
        {
            // A path that is bound and refuses is that of a process which is about to listen there.
            if (begins.RemainingMs == 0 || !IsBound(path)) return null;
            Thread.Sleep(ExitPoll);
        }
        DescriptorChannel channel = new(socket, stop);
        PeerProcess? old = null;
        ReceivedDescriptors? descriptors = null;
        try
        {
            PeerCredentials peer = channel.Peer;
            if (peer.Uid != 0 && peer.Uid != FileOwner.Self)
                throw new TakeOverException($"the process there is of user {peer.Uid}, expected {FileOwner.Self} or root");
            old = new PeerProcess(peer.Pid);
            TimeBound bound = TimeBound.After(within.TransferTime);
            TakeOverDocument document = TakeOverDocument.Parse(channel.ReceiveDocument(bound));
            descriptors = channel.ReceiveDescriptors(document.DescriptorsCount, bound);
            return new TakeOverClient(path, channel, old, document, descriptors, ReceiveCounters(channel, document, bound), within);
        }
        catch (Exception e)
        {
            channel.Dispose();
            descriptors?.Dispose();
            using (old)
            {
                if (e is not TakeOverException fault) throw;
                if (fault.Fault is TakeOverFault.PeerClosed or TakeOverFault.PeerEnds && HasEnded(old!, path, within))
                {
                    // Until its addresses are free.
                    old!.WaitForEnd(within.EndTime);
                    return null;
                }
                throw new TakeOverException($"{path}: {e.Message}", e);
            }
        }
    }

    /// <summary>
    /// Says step by step that this process serves, which it must already: until the last step either can be the one that continues. Waits
    /// for an old process that is held up or hangs, for as long as it takes, because only that one can say that it continues.
    /// </summary>
    /// <param name="silent">Called once, when the old process has not answered for a while.</param>
    public HandOverAnswer Confirm(Action silent)
    {
        foreach (byte step in _document.Steps > 1 ? HandOverStep.All : [HandOverStep.Serving])
        {
            // Also where each answer is there before it is waited for: the old one continues, and must not release its sockets to a process
            // that exits at once.
            if (_channel.IsStopped) return GiveUp(HandOverAnswer.Undecided);
            byte? answer = null;
            try
            {
                Say(step);
                answer = Receive(ref silent);
            }
            catch (TakeOverException e) when (e.Fault == TakeOverFault.Stopped)
            {
                return GiveUp(HandOverAnswer.Undecided);
            }
            catch (TakeOverException)
            {
                // The old process must not wait for what cannot be said any more; then what matters is whether it is there. What it has
                // heard last it acts on, and is told if this process exits nevertheless.
                if (step != HandOverStep.Confirm) _channel.Dispose();
            }
            if (answer == step) continue;
            if (answer == HandOverStep.GoingOn) return HandOverAnswer.StillServing;
            if (answer == HandOverStep.Ending) return HandOverAnswer.Left;
            if (!HasEnded(_old, _path, _limits)) return GiveUp(HandOverAnswer.StillServing);
            return _old.HasEnded ? HandOverAnswer.Gone : HandOverAnswer.Left;
        }
        return HandOverAnswer.Released;
    }

    /// <summary>They come only when they are asked for: a program that does not know them would take them for something else.</summary>
    private static ReceivedDescriptors ReceiveCounters(DescriptorChannel channel, TakeOverDocument document, TimeBound bound)
    {
        if (document.Counters == 0) return new ReceivedDescriptors(0);
        channel.SendByte(HandOverStep.Counters, bound);
        return channel.ReceiveDescriptors(document.Counters, bound);
    }

    /// <summary>This process exits: the old one, which may already know that it need not continue, must be told.</summary>
    private HandOverAnswer GiveUp(HandOverAnswer why)
    {
        try
        {
            _channel.SendByte(HandOverStep.Ending, TimeBound.After(_limits.StepTime));
        }
        catch (Exception e) when (e is TakeOverException or ObjectDisposedException)
        {
            // It has closed, and then serves; or this side has, before the word that lets it go.
        }
        return why;
    }

    public void Dispose()
    {
        _channel.Dispose();
        _descriptors.Dispose();
        _counters.Dispose();
        _old.Dispose();
    }

    /// <summary>
    /// Whether a process that has closed the connection has exited, or waits for no process any more. Its sockets close one after another
    /// when it ends, so that one which is there for a moment more says nothing.
    /// </summary>
    private static bool HasEnded(PeerProcess old, string path, TakeOverLimits limits)
    {
        TimeBound bound = TimeBound.After(limits.EndTime);
        while (!old.HasEnded && UnixSocketFile.IsServed(path))
        {
            if (bound.RemainingMs == 0) return false;
            if (old.IsVisible) old.WaitForEnd(ExitPoll);
            else Thread.Sleep(ExitPoll);
        }
        return true;
    }

    /// <summary>Whether a process holds a socket of that path, which need not listen yet (proc(5), /proc/net/unix).</summary>
    private static bool IsBound(string path)
    {
        try
        {
            return File.ReadLines("/proc/net/unix").Any(line => line.EndsWith(" " + path, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Say(byte step)
    {
        try
        {
            _channel.SendByte(step, TimeBound.After(_limits.StepTime));
        }
        catch (TakeOverException e) when (e.Fault == TakeOverFault.PeerClosed)
        {
            // It has closed, perhaps after a word that is still to be read.
        }
    }

    private byte? Receive(ref Action silent)
    {
        try
        {
            return _channel.ReceiveByte(TimeBound.After(_limits.SilenceTime));
        }
        catch (TakeOverException e) when (e.Fault == TakeOverFault.PeerSilent)
        {
            silent();
            silent = static () => { };
            return _channel.ReceiveByte(TimeBound.None);
        }
    }

    private static Socket? Open(string path)
    {
        // A full queue is an answer, and not to be waited for (unix(7)).
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            return e.SocketErrorCode switch
            {
                // connect(2) says "no such file" with the same code as "no such address".
                SocketError.AddressNotAvailable or SocketError.ConnectionRefused => null,
                SocketError.AccessDenied => throw new TakeOverException(
                    $"{path}: permission denied; only the user of the running process may take over, or root", e),
                SocketError.WouldBlock => throw new TakeOverException($"{path}: other processes are taking over already", e),
                _ => throw new TakeOverException($"{path}: {e.Message}", e),
            };
        }
    }

    private ImmutableArray<ListenerDescriptors> Take(ImmutableArray<TakeOverListener> announced) =>
        [.. announced.Select(
            l => new ListenerDescriptors(l.Address, _descriptors.Take(l.Descriptors)) { KeepsFile = l.KeepsFile, File = l.File })];
}
