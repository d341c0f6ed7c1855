using System.Text.Json;
using FastTcpProxy.Compare.Load;

namespace FastTcpProxy.Compare.Tests.Load;

public sealed class LoadResultTests
{
    [Fact]
    public void Sum_OfProcesses_AddsOperationsAndLoadButNotTheProxy()
    {
        LoadResult one = new()
        {
            Seconds = 1, Operations = 10, Bytes = 5, Errors = 1, ProxyCpuSeconds = 0.8, LoadCpuSeconds = 0.5, LatenessP99Ns = 3,
            Latencies = [[7, 1]],
        };
        LoadResult two = one with
        {
            Operations = 20, Errors = 0, ProxyCpuSeconds = 0.9, LoadCpuSeconds = 0.7, LatenessP99Ns = 9, FirstError = "x",
            Latencies = [[8, 2]],
        };
        LoadResult sum = LoadResult.Sum([one, two]);
        Assert.Equal((30, 10, 1, 2), (sum.Operations, sum.Bytes, sum.Errors, sum.Processes));
        Assert.Equal(0.85, sum.ProxyCpuSeconds, 6);
        Assert.Equal(0.6, sum.LoadUtilization, 6);
        Assert.Equal("x", sum.FirstError);
        Assert.Equal(9, sum.LatenessP99Ns);
        Assert.Equal([[7, 1], [8, 2]], sum.Latencies!);
    }

    [Fact]
    public void Json_WrittenAndRead_IsTheSame()
    {
        LoadResult result = new() { Seconds = 1.5, Operations = 3, FirstError = "a \"b\"", Latencies = [[1, 2]] };
        string line = JsonSerializer.Serialize(result, LoadJson.Default.LoadResult);
        Assert.DoesNotContain('\n', line);
        Assert.Equivalent(result, JsonSerializer.Deserialize(line, LoadJson.Default.LoadResult));
    }
}
