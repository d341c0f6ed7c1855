using System.Collections.Immutable;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>Questions and commands to the sessions of all loops, and the answers of each. Any thread; holds nothing.</summary>
internal static class SessionQueries
{
    public static async Task<ImmutableArray<SessionView>> ListAsync(LoopContext[] contexts, SessionFilter filter, int max)
    {
        List<SessionView>[] found = await AskAsync<List<SessionView>>(contexts,
            (context, done) => new SessionListing(context, filter.ToPredicate(), max, done)).ConfigureAwait(false);
        return [.. found.SelectMany(views => views).OrderByDescending(view => view.StartedAt).Take(max)];
    }

    public static async Task<int> KillAsync(LoopContext[] contexts, SessionFilter filter)
    {
        int[] ended = await AskAsync<int>(contexts, (context, done) => new SessionSweep(context, filter.ToPredicate(), EndParty.Operator,
            EndCause.Killed, done)).ConfigureAwait(false);
        return ended.Sum();
    }

    private static Task<T[]> AskAsync<T>(LoopContext[] contexts, Func<LoopContext, Action<T>, ILoopItem> ask) =>
        Task.WhenAll(contexts.Select(context =>
    {
        // Not inside the loop: what follows is not the loop's work.
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Loop.Dispatch(ask(context, answer.SetResult));
        return answer.Task;
    }));
}
