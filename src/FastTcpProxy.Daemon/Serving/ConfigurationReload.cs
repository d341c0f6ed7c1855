using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Daemon.Systemd;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Transport;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>
/// Puts another configuration in force while the proxy runs, all or nothing: every step that can be refused comes before the first visible
/// change. Any thread but a loop; one reload at a time, the others wait.
/// </summary>
internal sealed class ConfigurationReload(
    RunningProxy proxy, StartOptions options, LoadedConfiguration first, SystemdNotifier manager, TimeProvider time, ILogger log)
{
    /// <summary>The name of the steps that put a configuration in force.</summary>
    private const string Work = "reload";

    private readonly SemaphoreSlim _turn = new(1);
    private LoadedConfiguration _current = first;
    private bool _ended;
    private FailedReload? _lastFailure;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReloadTally _tally = new(first.At, null);

    /// <summary>Called in the turn of each reload, before it and whatever its result. Returns what was done, for people; null:
    /// nothing.</summary>
    public Func<string?> Before { get; init; } = static () => null;

    /// <summary>The logs of the process; null: it has none that change.</summary>
    public ProxyLogs? Logs { get; init; }

    /// <summary>The path of the file that the process was started with, as it was given.</summary>
    public string File => options.ConfigurationFile;

    /// <summary>What is in force.</summary>
    public LoadedConfiguration Current => Volatile.Read(ref _current);

    /// <summary>The reload that failed after the last successful one; null: none has.</summary>
    public FailedReload? LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>Completes when another configuration is in force than when it was read.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>How the last reload went.</summary>
    public ReloadTally Tally => Volatile.Read(ref _tally);

    /// <summary>Reads the file that the process was started with again.</summary>
    /// <param name="author">Who wants it.</param>
    /// <param name="resetRemoved">Whether the sessions of removed listeners are reset.</param>
    public async Task<ReloadOutcome> FromFileAsync(string author, bool resetRemoved) =>
        (await AnnounceAsync(author, options.ConfigurationFile, async () =>
    {
        string file = options.ConfigurationFile;
        // Within the turn: of two reloads the later one must find the later file.
        if (ConfigurationFile.TryRead(file, out ConfigurationError? error) is { } text)
            return await ApplyAsync(text, file, file, author, resetRemoved);
        return Fail(file, author, new ReloadOutcome(false, [error!], [], []));
    }))!;

    /// <summary>Takes a text that does not come from the file. It is in force until the next reload, or the end of the process.</summary>
    /// <param name="text">UTF-8. The files that it names are looked for in the folder of the process's own file.</param>
    /// <param name="author">Who wants it.</param>
    /// <param name="resetRemoved">Whether the sessions of removed listeners are reset.</param>
    /// <param name="isExpected">Whether what is in force is what the author has seen.</param>
    /// <returns>Null: it is not, and nothing was changed.</returns>
    public Task<ReloadOutcome?> FromTextAsync(ReadOnlyMemory<byte> text, string author, bool resetRemoved,
        Predicate<LoadedConfiguration> isExpected)
    {
        string source = $"sent by {author}";
        return AnnounceAsync(author, source, async () =>
            isExpected(Current) ? await ApplyAsync(text, options.ConfigurationFile, source, author, resetRemoved) : null);
    }

    /// <summary>What a text would change, or why it could not be put in force. Changes nothing, and listens nowhere.</summary>
    /// <param name="text">UTF-8.</param>
    public async Task<ReloadOutcome> TryAsync(ReadOnlyMemory<byte> text)
    {
        string file = options.ConfigurationFile;
        await _turn.WaitAsync();
        try
        {
            (ProxyConfiguration? wanted, ReloadOutcome outcome) = Check(text, file);
            if (_ended) return outcome with { Errors = [TooLate(file)] };
            if (wanted is null) return outcome;
            ImmutableArray<PlannedService> plan = proxy.Composer.Plan(wanted);
            return outcome with { Errors = [.. outcome.Errors.Concat(Failures(proxy.Engine.Try(ToServices(plan)), plan, text, file))] };
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Keeps reloads from beginning until <see cref="Resume"/>. Blocks while one is under way.</summary>
    public void Hold() => _turn.Wait();

    /// <summary>Lets reloads begin again.</summary>
    public void Resume() => _turn.Release();

    /// <summary>Runs an action while no reload is under way, and blocks the next one meanwhile. Waits while one is under way.</summary>
    public void Between(Action act)
    {
        _turn.Wait();
        try
        {
            act();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>No reload from now on: this process no longer listens, and must not begin again. Called between two of them.</summary>
    public void End() => Volatile.Write(ref _ended, true);

    /// <summary>
    /// A reload in its turn. Informs the service manager, which waits for the second message in any case. When the process ends, it was
    /// informed of that before.
    /// </summary>
    private async Task<ReloadOutcome?> AnnounceAsync(string author, string source, Func<Task<ReloadOutcome?>> reload)
    {
        await _turn.WaitAsync();
        try
        {
            if (_ended) return Fail(source, author, new ReloadOutcome(false, [TooLate(options.ConfigurationFile)], [], []));
            manager.Reloading();
            long begin = time.GetTimestamp();
            string? done = null;
            proxy.Background.Guard(Work, () => done = Before());
            try
            {
                ReloadOutcome? outcome = await reload();
                if (outcome is { IsApplied: true }) Count(time.GetElapsedTime(begin));
                return outcome is null || done is null ? outcome : outcome with { Changes = [.. outcome.Changes, done] };
            }
            finally
            {
                if (!_ended) manager.Ready(
                    LastFailure is { } failure ? $"serving; the last reload failed: {failure.Errors[0]}" : "serving");
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ReloadOutcome?> ApplyAsync(ReadOnlyMemory<byte> text, string fileName, string source, string author,
        bool resetRemoved)
    {
        (ProxyConfiguration? wanted, ReloadOutcome outcome) = Check(text, fileName);
        if (wanted is null || !outcome.Errors.IsEmpty) return Fail(source, author, outcome);
        (ImmutableArray<ConfigurationError> errors, ImmutableArray<string> rebound) = await TryPutInForceAsync(wanted, text, fileName,
            resetRemoved);
        if (!errors.IsEmpty) return Fail(source, author, outcome with { Errors = errors });
        outcome = outcome with { Changes = [.. outcome.Changes, .. rebound] };
        Volatile.Write(ref _current, new LoadedConfiguration(wanted, text, source, author, time.GetUtcNow()));
        Volatile.Write(ref _lastFailure, null);
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        foreach (ConfigurationError warning in outcome.Warnings) Events.ReloadWarned(log, source, author, warning.ToString());
        Events.Reloaded(log, source, author, Counted.Of(outcome.Changes.Length, "change"));
        return outcome with { IsApplied = true };
    }

    /// <summary>The plan for a text; null when the text itself is wrong.</summary>
    private (ProxyConfiguration? Wanted, ReloadOutcome Outcome) Check(ReadOnlyMemory<byte> text, string fileName)
    {
        ConfigurationResult result = ConfigurationLoader.Parse(text.Span, fileName);
        if (result.Configuration is null) return (null, new ReloadOutcome(false, result.Errors, result.Warnings, []));
        ProxyConfiguration wanted = options.Apply(result.Configuration);
        ImmutableArray<ConfigurationError> errors = RestartRules.Check(Current.Configuration, wanted, text, fileName);
        return (wanted, new ReloadOutcome(false, errors, result.Warnings, ConfigurationDiff.Compare(Current.Text.Span, text.Span)));
    }

    /// <summary>Errors that were found only by trying; with any of them nothing has changed. Otherwise a line for each listener that was
    /// bound again.</summary>
    private async Task<(ImmutableArray<ConfigurationError> Errors, ImmutableArray<string> Rebound)> TryPutInForceAsync(
        ProxyConfiguration wanted, ReadOnlyMemory<byte> text, string fileName, bool resetRemoved)
    {
        ImmutableArray<PlannedService> plan = proxy.Composer.Plan(wanted);
        ListenerChange change;
        PreparedLogs logs = PreparedLogs.None;
        try
        {
            logs = Logs?.Prepare(Current.Configuration.Log, wanted.Log) ?? logs;
            change = proxy.Engine.Prepare(ToServices(plan));
        }
        catch (BindException e)
        {
            logs.Discard();
            return (Failures(e, plan, text, fileName), []);
        }
        catch (LogTargetException e)
        {
            (int line, int column) = ConfigurationPlaces.Find(text.Span, "log.target");
            return ([new ConfigurationError(fileName, line, column, ConfigurationCodes.CannotLog, ConfigurationSeverity.Error,
                $"log.target: {e.Message}")], []);
        }
        using (change)
        {
            // Added and removed at once: its file was gone.
            ImmutableArray<string> rebound =
                [.. change.Added.Intersect(change.Removed).Select(a => $"listener {a.Text}: bound again, because its file was gone")];
            await proxy.Names.ReconcileAsync(wanted.Services, RunningProxy.ResolveWait);
            // From here on nothing is refused: the change is visible. A defect is counted, and the other steps are done nevertheless.
            BackgroundWork background = proxy.Background;
            background.Guard(Work, () => proxy.Overrides.Reconcile(plan));
            background.Guard(Work, proxy.Entries.Reconcile);
            background.Guard(Work, () => Logs?.Commit(logs));
            background.Guard(Work, () => proxy.Engine.SetSessionsMax(wanted.Engine.MaxSessions));
            background.Guard(Work, () => proxy.Engine.Commit(change, resetRemoved));
            await background.GuardAsync(Work, proxy.Health.ReconcileAsync);
            await background.GuardAsync(Work, () => proxy.Names.ForgetOthersAsync(wanted.Services));
            return ([], rebound);
        }
    }

    private static ImmutableArray<ListenPlan> ToServices(ImmutableArray<PlannedService> plan) => [.. plan.Select(p => p.ToListenPlan())];

    /// <summary>Why it does not listen; at least one error.</summary>
    internal static ImmutableArray<ConfigurationError> Failures(BindException e, ImmutableArray<PlannedService> plan,
        ReadOnlyMemory<byte> text, string fileName) =>
        e.Failures.IsEmpty ? [Error(fileName, ConfigurationCodes.CannotListen, e.Message)] : Failures(e.Failures, plan, text, fileName);

    /// <summary>Each address that cannot be bound, at its place in the text.</summary>
    private static ImmutableArray<ConfigurationError> Failures(
        ImmutableArray<BindFailure> failures, ImmutableArray<PlannedService> plan, ReadOnlyMemory<byte> text, string fileName)
    {
        var places = ToServices(plan).SelectMany((service, i) =>
            service.Listen.Select((address, j) => (Address: address.ToString(), Path: $"services[{i}].listen[{j}]"))).ToArray();
        return
        [
            .. from failure in failures
               let place = ConfigurationPlaces.Find(text.Span, places.FirstOrDefault(p => p.Address == failure.Address).Path ?? "")
               orderby place
               select new ConfigurationError(fileName, place.Line, place.Column, ConfigurationCodes.CannotListen,
                   ConfigurationSeverity.Error, failure.Message),
        ];
    }

    private static ConfigurationError TooLate(string fileName) => Error(fileName, ConfigurationCodes.NeedsRestart,
        "this process drains and no longer listens, expected one that serves; ask its successor");

    private static ConfigurationError Error(string fileName, string code, string message) =>
        new(fileName, 1, 1, code, ConfigurationSeverity.Error, message);

    private void Count(TimeSpan duration)
    {
        Volatile.Write(ref _tally, new ReloadTally(Current.At, duration));
        proxy.Engine.Count(new LoopCounts { ReloadsSucceeded = 1 });
    }

    private ReloadOutcome Fail(string source, string author, ReloadOutcome outcome)
    {
        Volatile.Write(ref _lastFailure, new FailedReload(source, author, time.GetUtcNow(), outcome.Errors));
        proxy.Engine.Count(new LoopCounts { ReloadsFailed = 1 });
        foreach (ConfigurationError error in outcome.Errors) Events.ReloadRefused(log, source, author, error.ToString());
        return outcome with { IsApplied = false };
    }
}
