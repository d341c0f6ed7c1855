using System.Net;
using FastTcpProxy.Daemon.Logging.Steps;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Testing.Time;

namespace FastTcpProxy.Daemon.Tests.Logging.Steps;

/// <summary>The rules for verbose sessions: their number, their end, and what is said of it.</summary>
public sealed class VerboseRulesTests
{
    private readonly SettableTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly List<string> _lines = [];
    private readonly VerboseRules _rules;

    public VerboseRulesTests() =>
        _rules = new VerboseRules(new StepTracing(), new OperationalLog(_time, new EventLines(_lines.Add)), _time);

    [Fact]
    public void Rule_Expires_AndTheLogSaysSo()
    {
        _rules.Add("mail", IPNetwork.Parse("192.0.2.0/24"), "anna", TimeSpan.FromMinutes(1));
        _rules.Add("web", null, "bert", TimeSpan.FromMinutes(2));

        _time.Advance(TimeSpan.FromSeconds(59));
        _rules.Expire();
        Assert.Equal(2, _rules.Rules.Length);
        _time.Advance(TimeSpan.FromSeconds(1));
        _rules.Expire();

        Assert.Equal("web", Assert.Single(_rules.Rules).Service);
        Assert.EndsWith(" info 6311 verbose 1, sessions of service mail from 192.0.2.0/24 (by anna), has expired", Assert.Single(_lines));
    }

    /// <summary>A clock that is set forward does not end a rule, and one that is set back does not prolong it.</summary>
    [Theory]
    [InlineData(+3600)]
    [InlineData(-3600)]
    public void Rule_Expires_WhateverBecomesOfTheWallClock(int seconds)
    {
        _rules.Add("mail", null, "anna", TimeSpan.FromMinutes(1));

        _time.SetWallClock(TimeSpan.FromSeconds(seconds));
        _time.Advance(TimeSpan.FromSeconds(59));
        _rules.Expire();
        Assert.Single(_rules.Rules);
        _time.Advance(TimeSpan.FromSeconds(1));
        _rules.Expire();

        Assert.Empty(_rules.Rules);
    }

    [Fact]
    public void Rules_AreBounded_AndARemovedOneMakesRoom()
    {
        for (int i = 0; i < VerboseRules.RulesMax; i++) Assert.NotNull(_rules.Add("mail", null, "anna", VerboseRules.ForMax));

        Assert.Null(_rules.Add("mail", null, "anna", VerboseRules.ForMax));
        Assert.Equal(1, _rules.Remove(3));
        Assert.Equal(0, _rules.Remove(3));
        Assert.NotNull(_rules.Add("mail", null, "anna", VerboseRules.ForMax));
        Assert.Equal(VerboseRules.RulesMax, _rules.Remove(null));
    }

    [Fact]
    public async Task Wait_EndsWithTheFirstRule()
    {
        Task waiting = _rules.WaitAsync(CancellationToken.None);
        Assert.False(waiting.IsCompleted);

        _rules.Add("mail", null, "anna", VerboseRules.ForMax);

        await waiting;
        Assert.True(_rules.WaitAsync(CancellationToken.None).IsCompleted);
    }
}
