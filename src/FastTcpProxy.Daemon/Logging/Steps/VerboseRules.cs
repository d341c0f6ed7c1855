using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Records;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging.Steps;

/// <summary>
/// Whose sessions tell their steps, by whom and for how long. It survives a reload, and not a restart: it is for an hour at most. Any
/// thread but a loop.
/// </summary>
internal sealed class VerboseRules(StepTracing tracing, ILogger log, TimeProvider time)
{
    /// <summary>At once: each client that is accepted is held against each of them.</summary>
    public const int RulesMax = 16;

    public static readonly TimeSpan ForMin = TimeSpan.FromSeconds(1), ForMax = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _added = new(0);
    private ImmutableArray<VerboseRule> _rules = [];
    private long _lastId;

    /// <summary>Those in force, the oldest first.</summary>
    public ImmutableArray<VerboseRule> Rules
    {
        get
        {
            lock (_lock) return _rules;
        }
    }

    /// <summary>Adds one; null: there are as many as may be.</summary>
    /// <param name="service">Null: any.</param>
    /// <param name="client">Null: any.</param>
    public VerboseRule? Add(string? service, IPNetwork? client, string author, TimeSpan limit)
    {
        lock (_lock)
        {
            if (_rules.Length == RulesMax) return null;
            DateTimeOffset now = time.GetUtcNow();
            VerboseRule rule = new(++_lastId, service, client, author, now, now + limit) { Begun = time.GetTimestamp() };
            Publish(_rules.Add(rule));
            _added.Release();
            return rule;
        }
    }

    /// <summary>Removes one, or all of them. Returns how many there were.</summary>
    /// <param name="id">Null: all.</param>
    public int Remove(long? id)
    {
        lock (_lock)
        {
            int before = _rules.Length;
            Publish(_rules.RemoveAll(r => id is null || r.Id == id));
            return before - _rules.Length;
        }
    }

    /// <summary>Removes those whose time is over.</summary>
    public void Expire()
    {
        lock (_lock)
        {
            ImmutableArray<VerboseRule> expired = [.. _rules.Where(r => time.GetElapsedTime(r.Begun) >= r.Expires - r.At)];
            if (expired.IsEmpty) return;
            Publish(_rules.RemoveRange(expired));
            foreach (VerboseRule rule in expired) Events.VerboseExpired(log, $"{rule.Id}", rule.What, rule.Author);
        }
    }

    /// <summary>Completes at once while there is a rule, or else with the next one.</summary>
    public Task WaitAsync(CancellationToken stop) => Rules.IsEmpty ? _added.WaitAsync(stop) : Task.CompletedTask;

    private void Publish(ImmutableArray<VerboseRule> rules)
    {
        _rules = rules;
        tracing.Publish([.. rules.Select(r => new StepRule(r.Service, r.Client is { } client ? new NetworkSet([client]) : null))]);
    }
}

/// <summary>Sessions whose steps an operator wants to see. Immutable.</summary>
/// <param name="Id">Unique in its process.</param>
/// <param name="Service">Null: of any.</param>
/// <param name="Client">Null: from anywhere.</param>
internal sealed record VerboseRule(long Id, string? Service, IPNetwork? Client, string Author, DateTimeOffset At, DateTimeOffset Expires)
{
    /// <summary>Of the clock that no correction of the time moves.</summary>
    public long Begun { get; init; }

    /// <summary>For people: "sessions of service mail from 192.0.2.0/24".</summary>
    public string What => "sessions" + (Service is null ? "" : $" of service {Service}") + (Client is { } client ? $" from {client}" : "");
}
