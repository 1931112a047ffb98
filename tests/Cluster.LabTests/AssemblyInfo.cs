using Xunit;

// One machine, two cores, real containers: two labs at a time would only make each other slow.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
