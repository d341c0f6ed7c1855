using System.Collections.Immutable;
using FastTcpProxy.Daemon.Admin;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Transport;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Host;

/// <summary>
/// How this process stops listening: for good, or for a process that continues with its sockets. The main task makes and disposes it; the
/// hand-over happens on the thread of its server. None of this happens during a reload.
/// </summary>
/// <param name="proxy">What listens.</param>
/// <param name="reload">The reload with which it shares turns.</param>
/// <param name="isActivated">Whether the service manager listens on the same sockets.</param>
internal sealed class Succession(RunningProxy proxy, ConfigurationReload reload, bool isActivated, ILogger log) : IHandOver, IDisposable
{
    private readonly TaskCompletionSource<int> _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AdminServer? _admin;
    private TakeOverServer? _server;
    private LoadedConfiguration? _offered;
    private bool _stopped;

    // From the release to the decision. Used only by the take-over's thread, which blocks reloads meanwhile.
    private ImmutableArray<ListenerDescriptors> _kept = [];
    private bool _isHolding;

    /// <summary>Listens again with sockets that were kept, and owns them.</summary>
    internal Action<ImmutableArray<ListenerDescriptors>> Listen { get; init; } = proxy.Listen;

    /// <summary>Completes with the process that has taken over from this one.</summary>
    public Task<int> HandedOver => _handedOver.Task;

    /// <summary>Begins to wait for the next process.</summary>
    /// <param name="adminSocket">The path of the administrative interface, beside which it waits.</param>
    /// <exception cref="BindException">The path cannot be used.</exception>
    public void Await(string adminSocket, AdminServer admin)
    {
        _admin = admin;
        _server = TakeOverServer.Start(TakeOverServer.PathFor(adminSocket), this, log, background: proxy.Background);
    }

    /// <summary>The previous process has let go of the sockets that it passed.</summary>
    public void Claim() => reload.Between(proxy.Engine.ClaimListeners);

    public HandOverOffer Offer()
    {
        HandOverOffer? offer = null;
        reload.Between(() =>
        {
            if (_stopped) throw TakeOverException.Ending("it drains already, and no longer listens");
            _offered = reload.Current;
            // The next process reads overrides and entries as they are now. A change that came later would be answered here, and lost.
            proxy.ReleaseState();
            offer = HandOverOffer.Of(proxy.Engine.Listeners, _admin!.Descriptors, proxy.Health.Verdicts,
                proxy.Engine.OfferCounters());
        });
        return offer!;
    }

    public void Release()
    {
        reload.Hold();
        try
        {
            // The next process has the listeners of the offer. It may have read another configuration than the one that is in force now,
            // too.
            if (!ReferenceEquals(_offered, reload.Current))
                throw new TakeOverException("the configuration was reloaded meanwhile; start the take-over again");
            if (!_stopped)
            {
                _kept = ListenerDuplicates.Of(proxy.Engine.Listeners);
                proxy.Engine.ReleaseListeners();
            }
            // With the listeners: the next process takes the directory when it has the final answer.
            proxy.Overrides.LetGo();
            _isHolding = true;
        }
        catch
        {
            reload.Resume();
            throw;
        }
    }

    public void Complete(int processId)
    {
        _stopped = true;
        _offered = null;
        ListenerDuplicates.Close(_kept);
        _kept = [];
        try
        {
            // The interface has answered until now, and has changed nothing since the offer.
            _admin!.Leave();
        }
        finally
        {
            reload.End();
            _handedOver.TrySetResult(processId);
            EndHold();
        }
    }

    public bool Withdraw()
    {
        // A defect after the hand-over changes nothing of it: the state directory is the next process's by now.
        if (_handedOver.Task.IsCompleted) return false;
        if (!_isHolding) reload.Hold();
        _isHolding = true;
        try
        {
            TakeBack();
            // No other process continues with these listeners: when this one exits, they close, and the files of UNIX sockets with them.
            // The next one is told to end, or, where this one does not listen any more, to continue.
            if (!_stopped)
            {
                _offered = null;
                // One that continues has the earlier processes' counts, and takes them over.
                proxy.Engine.WithdrawCounters();
            }
            proxy.ReclaimState();
            proxy.Engine.Count(new LoopCounts { TakeOversFailed = 1 });
            return !_stopped;
        }
        finally
        {
            EndHold();
        }
    }

    /// <summary>Listens again with the sockets that were kept, whose queues have kept the clients.</summary>
    private void TakeBack()
    {
        if (_kept.IsEmpty) return;
        ImmutableArray<ListenerDescriptors> kept = _kept;
        _kept = [];
        try
        {
            Listen(kept);
        }
        catch (Exception e)
        {
            // In any case, this process does not listen any more, and the next one must be told to continue.
            _stopped = true;
            Events.NotTakenBack(log, e is BindException ? e.Message : $"{e.GetType().Name}: {e.Message}, a defect, please report it");
        }
    }

    private void EndHold()
    {
        _isHolding = false;
        reload.Resume();
    }

    /// <summary>Stops listening, and reloading. Sockets that another process has too stay open there, with their queues.</summary>
    public void StopListening() => reload.Between(() =>
    {
        reload.End();
        if (_stopped) return;
        _stopped = true;
        if (isActivated || _offered is not null) proxy.Engine.ReleaseListeners();
        else proxy.Engine.StopAccepting();
    });

    /// <summary>Stops listening, and reloading, because the previous process continues to serve: a reload would listen beside it.</summary>
    public void GiveBack() => reload.Between(() =>
    {
        reload.End();
        proxy.Engine.GiveBackListeners();
    });

    /// <summary>
    /// Ends the wait for the next process. One that has the sockets continues when this process exits, with the administrative interface
    /// too: that one's file stays, or no client would find the interface again, and it could not be passed on.
    /// </summary>
    public void Dispose()
    {
        _server?.Dispose();
        if (_offered is not null) _admin!.Leave();
    }
}
