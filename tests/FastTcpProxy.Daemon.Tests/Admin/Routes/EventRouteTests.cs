using System.Text.Json;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>The list of events, from the real program.</summary>
public sealed class EventRouteTests(RoutesBed bed) : IClassFixture<RoutesBed>
{
    [Fact]
    public async Task List_HasTheStart_AndWhoChangedWhat()
    {
        (await bed.Http.PutAsync(bed.Override("primary"), """{"state":"disabled","reason":"disk"}""")).Is(200);
        (await bed.Http.DeleteAsync(bed.Override("primary"))).Is(200);

        JsonElement[] all = Events((await bed.Http.GetAsync("/v1/events")).Is(200));

        Assert.Contains(all, e => e.GetProperty("id").GetInt32() == 1002);
        JsonElement change = all.Last(e => e.GetProperty("id").GetInt32() == 6200);
        Assert.Equal("mail primary", $"{change.GetProperty("service")} {change.GetProperty("upstream")}");
        Assert.NotEqual("", change.GetProperty("author").GetString());
        Assert.Equal(all.Select(e => e.GetProperty("sequence").GetInt64()).Order(), all.Select(e => e.GetProperty("sequence").GetInt64()));
    }

    [Fact]
    public async Task List_IsFilteredAndBounded()
    {
        JsonElement limited = (await bed.Http.GetAsync("/v1/events?limit=1")).Is(200).Json;
        JsonElement[] ofMail = Events(await bed.Http.GetAsync("/v1/events?service=mail&limit=6144"));
        JsonElement[] errors = Events(await bed.Http.GetAsync("/v1/events?level=error"));
        JsonElement[] young = Events(await bed.Http.GetAsync("/v1/events?since=1ms&service=none"));

        Assert.Equal(1, limited.GetProperty("events").GetArrayLength());
        Assert.True(limited.GetProperty("more").GetBoolean());
        Assert.All(ofMail, e => Assert.Equal("mail", e.GetProperty("service").GetString()));
        Assert.NotEmpty(ofMail);
        Assert.Empty(errors);
        Assert.Empty(young);
    }

    [Theory]
    [InlineData("since=0s", "query parameter \"since\" is ")]
    [InlineData("since=31d", "query parameter \"since\" is ")]
    [InlineData("level=loud", "query parameter \"level\" is \"loud\", expected debug, info, warning or error")]
    [InlineData("limit=0", "query parameter \"limit\" is \"0\", expected a number from 1 to 6144")]
    [InlineData("limit=6145", "query parameter \"limit\" is \"6145\", expected a number from 1 to 6144")]
    public async Task WrongQuery_IsRefusedWithWhatWasExpected(string query, string detail) =>
        Assert.StartsWith(detail, (await bed.Http.GetAsync($"/v1/events?{query}")).Is(400).Detail);

    private static JsonElement[] Events(AdminAnswer answer) => [.. answer.Is(200).Json.GetProperty("events").EnumerateArray()];
}
