using System.Collections.Immutable;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using Microsoft.Extensions.Logging;
using static FastTcpProxy.Daemon.TakeOver.TakeOverNative;
using static FastTcpProxy.Engine.Transport.Linux.Errno;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// The running process's side of a take-over: waits on its own UNIX socket for the next process, passes it the listening sockets, and
/// releases them when that one says that it serves. It serves one client after the other, each within a time limit; a client that fails
/// changes nothing. It has its own thread, which blocks, and owns it and the socket. Made and disposed by one task.
/// </summary>
internal sealed class TakeOverServer : IDisposable
{
    /// <summary>
    /// Descriptors that it has open at most, beside the duplicates that it gives away: the event that stops it, its entrance, one client
    /// and that client's process.
    /// </summary>
    public const int DescriptorsMax = 1 + TakeOverEntrance.DescriptorsHeld + 1 + PeerProcess.DescriptorsHeld;

    private readonly TakeOverEntrance _entrance;
    private readonly IHandOver _from;
    private readonly ILogger _log;
    private readonly TakeOverLimits _limits;
    private readonly int _stop;
    private readonly Thread _thread;

    // What was reported last of an accept that still fails.
    private string? _said;

    private TakeOverServer(TakeOverEntrance entrance, int stop, IHandOver from, ILogger log, TakeOverLimits limits,
        BackgroundWork background)
    {
        _entrance = entrance;
        _stop = stop;
        _from = from;
        _log = log;
        _limits = limits;
        _thread = background.Thread("take-over", Run, pause => !Wait(-1, (int)pause.TotalMilliseconds));
    }

    /// <summary>The path beside the administrative socket.</summary>
    public static string PathFor(string adminSocket) => adminSocket + ".take-over";

    /// <summary>Takes the path, and that of a dead process too, and begins to wait.</summary>
    /// <param name="path">Absolute, at most <see cref="TakeOverLimits.PathBytesMax"/> bytes.</param>
    /// <exception cref="BindException">The path or a thread cannot be had; the message says why, and what to do.</exception>
    public static TakeOverServer Start(string path, IHandOver from, ILogger log, TakeOverLimits? limits = null,
        BackgroundWork? background = null) =>
        Start(path, from, log, limits, background, static thread => thread.Start());

    /// <param name="begin">Starts the thread.</param>
    /// <inheritdoc cref="Start(string, IHandOver, ILogger, TakeOverLimits?, BackgroundWork?)"/>
    internal static TakeOverServer Start(string path, IHandOver from, ILogger log, TakeOverLimits? limits, BackgroundWork? background,
        Action<Thread> begin)
    {
        int stop = NewEvent();
        if (stop < 0) throw new BindException($"take-over {path}: no descriptor is left (errno {LastError})");
        TakeOverEntrance? entrance = null;
        try
        {
            entrance = new TakeOverEntrance(path, stop);
            TakeOverServer server = new(entrance, stop, from, log, limits ?? TakeOverLimits.Default, background ?? new BackgroundWork());
            begin(server._thread);
            return server;
        }
        catch (Exception e)
        {
            entrance?.Dispose();
            NativeDescriptor.Close(stop);
            // What the runtime throws where the machine gives no thread.
            if (e is OutOfMemoryException or ThreadStartException)
                throw new BindException($"take-over {path}: no thread can be started ({e.Message})", e);
            throw;
        }
    }

    /// <summary>Sends away who is being served, removes the file, and waits for the thread, which is at once.</summary>
    public void Dispose()
    {
        Raise(_stop);
        _thread.Join();
        _entrance.Dispose();
        NativeDescriptor.Close(_stop);
    }

    /// <summary>The outermost frame of the thread: whatever happens to one client, the next one is served.</summary>
    private void Run()
    {
        while (true)
        {
            try
            {
                if (ServeNext()) return;
            }
            catch (Exception e)
            {
                // It comes again with each try until its cause is gone, and one line says as much.
                if (e.Message != _said) Say(0, e);
                _said = e.Message;
                if (!Pause()) return;
            }
        }
    }

    /// <summary>Whether this server has ended: the listeners were handed over, or the end was asked for.</summary>
    private bool ServeNext()
    {
        _entrance.Open();
        if (!Wait(_entrance.Descriptor, Timeout.Infinite)) return true;
        using DescriptorChannel channel = _entrance.Accept(out bool isLast);
        _said = null;
        PeerCredentials peer = channel.Peer;
        if (peer.Uid != 0 && peer.Uid != FileOwner.Self)
        {
            Events.TakeOverRefused(_log, peer.Pid, peer.Uid, FileOwner.Self);
            return false;
        }
        if (!isLast) return Serve(channel, peer.Pid);
        TakeOverException none = TakeOverException.NoDescriptor();
        Refuse(channel, none);
        Say(peer.Pid, none);
        return false;
    }

    /// <summary>Whether the listeners were handed over. If not, this process is as it was before.</summary>
    private bool Serve(DescriptorChannel channel, int processId)
    {
        bool ends = false;
        try
        {
            Events.TakeOverBegins(_log, processId);
            using PeerProcess next = new(processId);
            ImmutableArray<int> counters;
            using (HandOverOffer offer = Offer(channel))
            {
                Send(channel, offer);
                counters = offer.Counters;
            }
            new HandOverDialogue(channel, next, counters, _limits).Run(_from.Release, _entrance.Leave);
            _from.Complete(processId);
            return true;
        }
        catch (Exception e)
        {
            ends = e is TakeOverException { Fault: TakeOverFault.Stopped };
            Say(processId, e);
        }
        bool listens = _from.Withdraw() && !ends;
        try
        {
            // The path is given up before the last word.
            if (listens) _entrance.Open();
        }
        catch (BindException e)
        {
            // It is tried again before the next client is waited for.
            Say(processId, e);
        }
        Tell(channel, listens ? HandOverStep.GoingOn : HandOverStep.Ending);
        return false;
    }

    /// <summary>What the next process gets. It is told when there is nothing, and need not wait to see whether this process ends.</summary>
    private HandOverOffer Offer(DescriptorChannel channel)
    {
        try
        {
            return _from.Offer();
        }
        catch (TakeOverException e)
        {
            Refuse(channel, e);
            throw;
        }
    }

    private void Refuse(DescriptorChannel channel, TakeOverException why)
    {
        try
        {
            channel.SendDocument(TakeOverDocument.Refuse(ProgramVersion.Text, Environment.ProcessId, why.Message,
                why.Fault == TakeOverFault.PeerEnds).ToBytes(), Soon);
        }
        catch (TakeOverException)
        {
            // It is gone, or reads nothing.
        }
    }

    private TimeBound Soon => TimeBound.After(_limits.StepTime);

    /// <summary>So that the next process, which serves perhaps, knows whether it may end.</summary>
    private void Tell(DescriptorChannel channel, byte word)
    {
        try
        {
            channel.SendByte(word, Soon);
        }
        catch (TakeOverException)
        {
            // It is gone, or reads nothing. Without the word it waits for the end of this process.
        }
    }

    private void Say(int processId, Exception e)
    {
        if (e is TakeOverException or SocketException or BindException) Events.TakeOverFailed(_log, processId, e.Message);
        else Events.TakeOverFault(_log, processId, e);
    }

    private void Send(DescriptorChannel channel, HandOverOffer offer)
    {
        TakeOverDocument document = new(
            TakeOverDocument.Current, ProgramVersion.Text, Environment.ProcessId, Announce(offer.Listeners), Announce(offer.Admin))
        {
            Steps = HandOverStep.All.Length,
            Health = HealthParcel.Pack(offer.Health),
            Counters = offer.Counters.Length,
        };
        TimeBound bound = TimeBound.After(_limits.TransferTime);
        channel.SendDocument(document.ToBytes(), bound);
        channel.SendDescriptors([.. offer.Listeners.Concat(offer.Admin).SelectMany(l => l.Descriptors)], bound);
    }

    private static ImmutableArray<TakeOverListener> Announce(ImmutableArray<ListenerDescriptors> listeners) =>
        [.. listeners.Where(l => !l.Descriptors.IsEmpty)
            .Select(l => new TakeOverListener(l.Address, l.Descriptors.Length, l.KeepsFile) { File = l.File })];

    /// <summary>Rests after a failure, which would come again at once; false when the end was asked for.</summary>
    private bool Pause() => Wait(-1, (int)TakeOverLimits.FailurePause.TotalMilliseconds);

    /// <summary>Waits until a process connects, or for a time; false when the end was requested.</summary>
    private bool Wait(int fd, int timeoutMs)
    {
        Span<PollFd> polled = [new(fd, PollFd.In), new(_stop, PollFd.In)];
        int ready;
        while ((ready = NativeDescriptor.Poll(polled, timeoutMs)) < 0)
        {
            // Other than by a signal of the runtime it cannot fail for long: memory. To ask again at once would only spin.
            if (ready != -Eintr) Thread.Sleep(TakeOverLimits.FailurePause);
        }
        return polled[1].Returned == 0;
    }
}
