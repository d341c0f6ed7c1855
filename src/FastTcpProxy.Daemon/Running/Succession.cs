using FastTcpProxy.Daemon.Admin;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Engine.Listening;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Running;

/// <summary>
/// How this process stops listening: for good, or for the sake of one that goes on with its sockets. The main task makes and disposes it; the hand-over
/// happens on the thread of its server. Nothing of it happens during a reload.
/// </summary>
/// <param name="proxy">What listens.</param>
/// <param name="reload">Whose turns it shares.</param>
/// <param name="isActivated">Whether the service manager listens on the same sockets.</param>
internal sealed class Succession(RunningProxy proxy, ConfigurationReload reload, bool isActivated, ILogger log) : IHandOver, IDisposable
{
    private readonly TaskCompletionSource<int> _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AdminServer? _admin;
    private TakeOverServer? _server;
    private LoadedConfiguration? _offered;
    private bool _stopped;

    /// <summary>Completes with the process that has followed this one.</summary>
    public Task<int> HandedOver => _handedOver.Task;

    /// <summary>Begins to wait for the process that is to follow.</summary>
    /// <param name="adminSocket">The path of the administrative interface, beside which it waits.</param>
    /// <exception cref="BindException">The path cannot be had.</exception>
    public void Await(string adminSocket, AdminServer admin)
    {
        _admin = admin;
        _server = TakeOverServer.Start(TakeOverServer.PathFor(adminSocket), this, log);
    }

    public HandOverOffer Offer()
    {
        HandOverOffer? offer = null;
        reload.Between(() =>
        {
            if (_stopped) throw new TakeOverException("it drains already, and does not listen any more");
            _offered = reload.Current;
            // The next process reads the overrides as they are now. A change that came later would be answered here, and lost.
            proxy.Overrides.Release();
            offer = new HandOverOffer(ListenerDuplicates.Of(proxy.Engine.Listeners), ListenerDuplicates.Of(_admin!.Descriptors));
        });
        return offer!;
    }

    public void Withdraw() => reload.Between(() =>
    {
        if (!_handedOver.Task.IsCompleted) proxy.Overrides.Reclaim();
    });

    public void Release(int processId) => reload.Between(() =>
    {
        // The next process has the listeners of the offer. It may have read another configuration than the one that is in force now, too.
        if (!ReferenceEquals(_offered, reload.Current)) throw new TakeOverException("the configuration was reloaded meanwhile; let the new process take over once more");
        // The interface first: a change that an operator makes here from now on would be lost.
        _admin!.Leave();
        if (!_stopped) proxy.Engine.ReleaseListeners();
        _stopped = true;
        reload.End();
        _handedOver.TrySetResult(processId);
    });

    /// <summary>Stops listening, and reloading. Sockets that somebody else has as well stay open for him, with their queues.</summary>
    public void StopListening() => reload.Between(() =>
    {
        reload.End();
        if (_stopped) return;
        _stopped = true;
        if (isActivated || _offered is not null) proxy.Engine.ReleaseListeners();
        else proxy.Engine.StopAccepting();
    });

    public void Dispose() => _server?.Dispose();
}
