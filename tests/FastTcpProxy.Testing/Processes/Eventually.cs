namespace FastTcpProxy.Testing.Processes;

/// <summary>
/// Waits for a condition that nothing announces (a counter, a file in /proc) by asking again until a deadline.
/// Any thread; it holds nothing. This is the only place of the tests that waits by the clock.
/// </summary>
public static class Eventually
{
    /// <summary>Short against what a person notices, long against what the question costs.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <param name="condition">Asked again and again on the caller's context; it may throw, which ends the wait.</param>
    /// <param name="what">What was waited for, as the failure names it.</param>
    /// <param name="within">The bound; <see cref="Deadline.Patient"/> when null.</param>
    /// <param name="detail">More for the failure's text, made only then.</param>
    /// <exception cref="TimeoutException">The condition did not hold in time.</exception>
    public static Task HoldsAsync(Func<bool> condition, string what, TimeSpan? within = null, Func<string>? detail = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return HoldsAsync(() => Task.FromResult(condition()), what, within, detail);
    }

    /// <summary>The same for a condition that is itself waited for.</summary>
    /// <inheritdoc cref="HoldsAsync(Func{bool}, string, TimeSpan?, Func{string}?)"/>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null, Func<string>? detail = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var bound = within ?? Deadline.Patient;
        var deadline = Deadline.After(bound);
        while (true)
        {
            // Read before the question: on a busy machine the pause can outlast the bound, and what holds by then still counts.
            var last = deadline.HasPassed;
            if (await condition())
                return;
            if (last)
                throw new TimeoutException($"not within {bound.TotalSeconds:0.###} s: {what}. {detail?.Invoke()}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Waits until <paramref name="read"/> gives <paramref name="expected"/>; the failure tells the last value read.</summary>
    /// <exception cref="TimeoutException">It gave another value until the end.</exception>
    public static Task EqualsAsync<T>(T expected, Func<T> read, string what, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        return EqualsAsync(expected, () => Task.FromResult(read()), what, within);
    }

    /// <summary>The same for a value that is itself waited for.</summary>
    /// <inheritdoc cref="EqualsAsync{T}(T, Func{T}, string, TimeSpan?)"/>
    public static async Task EqualsAsync<T>(T expected, Func<Task<T>> read, string what, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        var last = default(T);
        await HoldsAsync(
            async () => EqualityComparer<T>.Default.Equals(expected, last = await read()),
            what,
            within,
            () => $"Expected {expected}, last read {last}.");
    }
}
