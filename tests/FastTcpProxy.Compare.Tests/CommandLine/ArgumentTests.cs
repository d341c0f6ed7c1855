using System.CommandLine;
using FastTcpProxy.Compare.CommandLine;
using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Measurements;

namespace FastTcpProxy.Compare.Tests.CommandLine;

/// <summary>What the command line means, and what is said of a wrong one.</summary>
public sealed class ArgumentTests
{
    [Fact]
    public void NoArguments_AreTheDefaults()
    {
        CompareOptions options = Parse();
        Assert.Equal(CompareOptions.SubjectsDefault, options.Subjects);
        Assert.Equal(ContestantFinder.PeerNames, options.Peers);
        Assert.Equal([ProxyMode.V2], options.Modes);
        Assert.Empty(options.Builds);
        Assert.Equal((1, 7, 64), (options.Threads, options.Rounds, options.Connections));
        Assert.Equal((1.2, 8, null), (options.Seconds, options.WarmUpSeconds, options.Rate));
    }

    [Fact]
    public void AllArguments_AreTaken()
    {
        CompareOptions options = Parse("--what", "latency-pp, conn,conn", "--mode", "raw,v1", "--build", "a=/x=y", "--build", "b=/z",
            "--peers", "naive",
            "--threads", "2", "--rounds", "3", "--connections", "5", "--seconds", "0.5", "--warm-up", "0", "--rate", "1500.5");
        Assert.Equal([Subject.LatencyPp, Subject.Conn], options.Subjects);
        Assert.Equal([ProxyMode.Raw, ProxyMode.V1], options.Modes);
        Assert.Equal([("a", "/x=y"), ("b", "/z")], options.Builds);
        Assert.Equal(["naive"], options.Peers);
        Assert.Equal((2, 3, 5), (options.Threads, options.Rounds, options.Connections));
        Assert.Equal((0.5, 0, 1500.5), (options.Seconds, options.WarmUpSeconds, options.Rate));
    }

    [Fact]
    public void Words_AllAndNobody_AreUnderstood()
    {
        CompareOptions options = Parse("--what", "all", "--peers", "");
        Assert.Equal(Subjects.All, options.Subjects);
        Assert.Empty(options.Peers);
    }

    [Theory]
    [InlineData("--what conn,foo", "--what foo: expected some of conn,pp,bulk,up,idle,blackhole,latency-conn,latency-pp,start,all")]
    [InlineData("--mode v3", "--mode v3: expected some of raw,v1,v2")]
    [InlineData("--peers envoy", "--peers envoy: expected some of haproxy,haproxy-splice,nginx,naive")]
    [InlineData("--rounds 0", "--rounds 0: expected a whole number from 1 to 1000")]
    [InlineData("--rounds 1001", "--rounds 1001: expected a whole number from 1 to 1000")]
    [InlineData("--threads -1", "--threads -1: expected a whole number from 1 to 256")]
    [InlineData("--connections 100001", "--connections 100001: expected a whole number from 1 to 100000")]
    [InlineData("--seconds 0.04", "--seconds 0.04: expected a number from 0.05 to 600")]
    [InlineData("--seconds 1,5", "--seconds 1,5: expected a number from 0.05 to 600")]
    [InlineData("--rate NaN", "--rate NaN: expected a number from 1 to 10000000")]
    [InlineData("--build nameless", "--build nameless: expected NAME=PATH")]
    [InlineData("--build =path", "--build =path: expected NAME=PATH")]
    [InlineData("--build a=x --build a=y", "--build a=x: the name a is taken")]
    [InlineData("--build a=x --keys b=y", "--keys b=y: expected NAME=KEYS, with the NAME of a --build")]
    [InlineData("--build a=x --keys a=", "--keys a=: expected NAME=KEYS, with the NAME of a --build")]
    [InlineData("--build haproxy=x", "--build haproxy=x: the name haproxy is taken")]
    public void WrongArguments_SayWhatWasExpected(string line, string message) => Assert.Contains(message, Errors(line.Split(' ')));

    [Fact]
    public void EmptyFile_IsRefused() => Assert.Contains("--json '': expected the path of a file", Errors("--json", ""));

    [Fact]
    public void UnknownOption_IsAnError() => Assert.NotEmpty(Errors("--wat", "conn"));

    [Fact]
    public void Subjects_Names_AreReadBack() => Assert.All(Subjects.All, subject =>
    {
        Assert.True(Subjects.TryParse(subject.Name(), out Subject parsed));
        Assert.Equal(subject, parsed);
    });

    private static CompareOptions Parse(params string[] args)
    {
        CompareCommand command = new();
        ParseResult result = command.Build(args).Parse(args);
        Assert.Empty(result.Errors);
        return command.ToOptions(result);
    }

    private static string[] Errors(params string[] args) => [.. new CompareCommand().Build(args).Parse(args).Errors.Select(e => e.Message)];
}
